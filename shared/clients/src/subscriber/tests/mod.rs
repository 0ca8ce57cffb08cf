//! Calls to servers on this machine that behave well or badly, and the rules of where calls may go.
