//! What is kept of one fleet's news.
