//! Every page in every state and language: well formed, labelled, without inline script or style,
//! small, and deaf to hostile input.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../../examples/gallery/states.rs"]
mod states;

#[path = "../../examples/gallery/office.rs"]
mod office;

#[path = "../../examples/gallery/every.rs"]
mod every;

mod markup;

mod shape;

mod forms;

mod hostile;

mod office_forms;

mod looks;

use pages::Brand;
use pages::assets::Assets;

fn shelf() -> Assets {
    Assets::new(&Brand::default(), vec![]).unwrap()
}
