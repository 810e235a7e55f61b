//! The web app is built by the web workspace; a build without Node has an empty folder, and a page that says so.

use std::path::Path;

fn main() {
    let dist = Path::new("../../web/inbox/dist");
    // it must be there to be watched; what is missing would be looked at as changed, at every build
    if let Err(error) = std::fs::create_dir_all(dist) {
        println!("cargo::warning=the folder of the web app can't be made: {error}");
    }
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");
}
