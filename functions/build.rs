//! Links the functions at a fixed address. A function with the AWS SDK has tens of thousands of pointers that the loader
//! would otherwise relocate at every cold start, page by page. See docs/decisions/0003-release-profile.md.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
