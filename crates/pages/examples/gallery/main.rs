//! Writes every page in every state into a folder, with its assets: `cargo run -p pages --example gallery -- DIR`.

mod every;

mod office;

mod states;

use std::path::{Path, PathBuf};
use std::{env, fs, io, process};

use pages::Brand;
use pages::Lang;
use pages::assets::Assets;

fn main() -> io::Result<()> {
    let Some(out) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: gallery DIR");
        process::exit(2);
    };
    let assets = Assets::new(&Brand::default(), vec![]).map_err(io::Error::other)?;
    for asset in assets.iter() {
        write(&out.join(asset.path.trim_start_matches('/')), &asset.bytes)?;
    }
    let mut index = String::from("<!doctype html><meta charset=utf-8><title>gallery</title>");
    for lang in Lang::ALL {
        for page in every::all(lang, &assets) {
            // Opened as files, the pages have no root; one folder up is where the assets are.
            let html = page.html.replace("\"/assets/", "\"../assets/");
            write(&out.join(format!("{}.html", page.name)), html.as_bytes())?;
            index.push_str(&format!("<p><a href=\"{0}.html\">{0}</a>", page.name));
        }
    }
    write(&out.join("index.html"), index.as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes)
}
