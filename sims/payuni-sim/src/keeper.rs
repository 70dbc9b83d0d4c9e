//! Keeps the books in a file, so that a restarted demo remembers its trades.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::books::Books;
use crate::switches::Switches;
use crate::world::World;

/// Changes within this time are written together.
const GATHER: Duration = Duration::from_millis(300);

/// Reads the books; a broken file is set aside and reported.
pub(crate) fn read(path: Option<&Path>, switches: &Switches) -> io::Result<Books> {
    let empty = || Books::new(switches.clone());
    let Some(path) = path else { return Ok(empty()) };
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(empty()),
        Err(error) => return Err(error),
    };
    match serde_json::from_slice(&text) {
        Ok(books) => Ok(books),
        Err(error) => {
            let aside = beside(path, "broken");
            std::fs::rename(path, &aside)?;
            tracing::warn!(%error, file = %path.display(), aside = %aside.display(), "the sandbox's books could not be read; they were set aside and start empty");
            Ok(empty())
        }
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Writes the books beside the file and renames them over it.
pub(crate) fn write(world: &World) {
    let Some(path) = &world.state_file else {
        return;
    };
    let _turn = world.writing.lock().unwrap_or_else(PoisonError::into_inner);
    let text = world.look(|desk, _| serde_json::to_vec(&desk.books));
    let done = text.map_err(io::Error::other).and_then(|text| {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let fresh = beside(path, "new");
        std::fs::write(&fresh, text)?;
        std::fs::rename(&fresh, path)
    });
    if let Err(error) = done {
        tracing::error!(%error, file = %path.display(), "the sandbox's books could not be written; a restart will not know the last trades");
    }
}

/// Writes after changes, for ever.
pub(crate) async fn run(world: Arc<World>) {
    if world.state_file.is_none() {
        return;
    }
    loop {
        world.changed.notified().await;
        tokio::time::sleep(GATHER).await;
        let world = Arc::clone(&world);
        if tokio::task::spawn_blocking(move || write(&world))
            .await
            .is_err()
        {
            tracing::error!("writing the sandbox's books broke off");
        }
    }
}
