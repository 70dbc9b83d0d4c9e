//! What the recorder wrote down, and the disk as it may look after the power went.

use anyhow::{Context, Result, ensure};
use rand::RngExt;
use std::{collections::BTreeMap, path::Path};

/// One thing that the program did, in the order of time.
pub(crate) enum Done {
    Write {
        file: String,
        at: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        file: String,
        to: usize,
    },
    /// All that was done to the file before that place of the recording is durable.
    Synced {
        file: String,
        before: usize,
    },
    Unlink {
        file: String,
    },
    /// Sent to somebody.
    Told(Vec<u8>),
}

/// Reads a recording; a last record that is not whole was never made.
pub(crate) fn read(recording: &Path) -> Result<Vec<Done>> {
    let bytes = std::fs::read(recording)?;
    let mut rest = bytes.as_slice();
    let mut done = Vec::new();
    while let Some((record, more)) = next(rest)? {
        done.push(record);
        rest = more;
    }
    ensure!(
        !done.is_empty(),
        "nothing was recorded: is the library loaded?"
    );
    Ok(done)
}

fn next(bytes: &[u8]) -> Result<Option<(Done, &[u8])>> {
    let Some((head, rest)) = bytes.split_at_checked(18) else {
        return Ok(None);
    };
    let number = |from: usize| -> Result<usize> {
        let eight = head.get(from..from + 8).context("a short head")?;
        Ok(usize::try_from(i64::from_ne_bytes(eight.try_into()?))?)
    };
    let (kind, name_length) = (head[0], usize::from(head[1]));
    let (at, length) = (number(2)?, number(10)?);
    let Some((name, rest)) = rest.split_at_checked(name_length) else {
        return Ok(None);
    };
    let Some((bytes, rest)) = rest.split_at_checked(length) else {
        return Ok(None);
    };
    let file = String::from_utf8(name.to_vec())?;
    let bytes = bytes.to_vec();
    let done = match kind {
        b'W' => Done::Write { file, at, bytes },
        b'T' => Done::Truncate { file, to: at },
        b'S' => Done::Synced { file, before: at },
        b'U' => Done::Unlink { file },
        b'A' => Done::Told(bytes),
        _ => anyhow::bail!("a record of a kind that nobody knows: {kind}"),
    };
    Ok(Some((done, rest)))
}

/// What happens to what was written and not yet durable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsynced {
    /// All of it is gone.
    Gone,
    /// Each write is there, or not, or there in part: sector by sector.
    Some { sector: usize },
}

/// The files after a cut before the `cut`-th record, on a disk that held `base` before.
pub(crate) fn after_cut(
    done: &[Done],
    cut: usize,
    base: &BTreeMap<String, Vec<u8>>,
    fate: Unsynced,
) -> BTreeMap<String, Vec<u8>> {
    let done = done.get(..cut).unwrap_or(done);
    let mut durable = BTreeMap::<&str, usize>::new();
    for one in done {
        if let Done::Synced { file, before } = one {
            let known = durable.entry(file).or_default();
            *known = (*known).max(*before);
        }
    }
    let mut files = base.clone();
    for (place, one) in done.iter().enumerate() {
        let is_durable = |file: &str| durable.get(file).is_some_and(|before| place < *before);
        match one {
            Done::Write { file, at, bytes } => {
                let content = files.entry(file.clone()).or_default();
                if is_durable(file) {
                    put(content, *at, bytes);
                } else if let Unsynced::Some { sector } = fate {
                    put_some(content, *at, bytes, sector);
                }
            }
            Done::Truncate { file, to } => {
                if is_durable(file) || (fate != Unsynced::Gone && rand::random()) {
                    files.entry(file.clone()).or_default().resize(*to, 0);
                }
            }
            Done::Unlink { file } => {
                if fate != Unsynced::Gone && rand::random() {
                    files.remove(file);
                }
            }
            Done::Synced { .. } | Done::Told(_) => {}
        }
    }
    files
}

fn put(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    if let Some(place) = content.get_mut(at..end) {
        place.copy_from_slice(bytes);
    }
}

fn put_some(content: &mut Vec<u8>, at: usize, bytes: &[u8], sector: usize) {
    match rand::rng().random_range(0..3) {
        0 => {}
        1 => put(content, at, bytes),
        _ => {
            for (n, part) in bytes.chunks(sector).enumerate() {
                if rand::random() {
                    put(content, at + n * sector, part);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_synced_is_sure() {
        let write = |at, bytes: &[u8]| Done::Write {
            file: "a".to_owned(),
            at,
            bytes: bytes.to_vec(),
        };
        let done = [
            write(0, b"11"),
            write(2, b"22"),
            Done::Synced {
                file: "a".to_owned(),
                before: 1,
            },
            write(4, b"33"),
        ];
        let left = |cut| after_cut(&done, cut, &BTreeMap::new(), Unsynced::Gone);
        assert_eq!(left(2)["a"], b"");
        assert_eq!(left(3)["a"], b"11");
        assert_eq!(left(4)["a"], b"11");
    }
}
