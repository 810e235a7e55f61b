//! Makes sure that there is a page to embed: without Node there is none, and the crate still
//! builds, with a plain page that says what to do.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Partyline phones</title>
<p>The phones page is not built yet. Run <code>npm ci &amp;&amp; npm run build -w phones</code> in
<code>web/</code>, then build this program again.</p>
</html>
";

fn main() -> Result<(), Box<dyn Error>> {
    let dist = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../web/phones/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    if !dist.join("index.html").exists() {
        fs::create_dir_all(&dist)?;
        fs::write(dist.join("index.html"), PLACEHOLDER)?;
    }
    Ok(())
}
