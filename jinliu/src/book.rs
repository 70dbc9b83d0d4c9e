//! The book as a room of the demo's shop.

use async_trait::async_trait;
use learn::{Answer, Files, Learn, MOUNT, Places};
use shop::room::{Call, Room, RoomAnswer};

/// The book that was taken into the program, read at this demo's addresses.
pub struct BookRoom(Learn);

impl BookRoom {
    /// Opens the book.
    #[must_use]
    pub fn new(places: &Places) -> Self {
        Self::of(Files::embedded(), places)
    }

    /// Opens another book.
    #[must_use]
    pub fn of(files: Files, places: &Places) -> Self {
        Self(Learn::new(files, places))
    }

    /// The addresses of everything in it, from the root.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        self.0.addresses()
    }
}

#[async_trait]
impl Room for BookRoom {
    fn mount(&self) -> &'static str {
        MOUNT
    }

    async fn answer(&self, call: Call<'_>) -> Result<Option<RoomAnswer>, pages::RenderError> {
        let answer = self.0.answer(call.path, call.query, call.shell)?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        Ok(Some(match answer {
            Answer::Page(html) => RoomAnswer::Page(html),
            Answer::File {
                content_type,
                text,
                immutable,
            } => RoomAnswer::File {
                content_type,
                content: text.into(),
                immutable,
            },
            Answer::OnDisk {
                content_type,
                place,
            } => match tokio::fs::read(&place).await {
                Ok(content) => RoomAnswer::File {
                    content_type,
                    content: content.into(),
                    immutable: false,
                },
                // The program was taken away from its source: there is no such page then.
                Err(_) => return Ok(None),
            },
        }))
    }
}
