//! The program. `demo` runs the shop and its whole sandbox in one process; the tests boot the same world.

#[cfg(feature = "sandbox")]
pub mod book;
pub mod commands;
pub mod doors;
#[cfg(feature = "sandbox")]
pub mod lab;
#[cfg(feature = "sandbox")]
pub mod laboratory;
pub mod parts;
pub mod running;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(feature = "sandbox")]
pub mod world;
