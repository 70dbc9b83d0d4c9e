//! What the commands print. `println!` panics where nobody reads any more (`jinliu lab list | head`); `say!` gives an
//! error that ends the command, and `main` keeps quiet about it.

use std::io;

/// Exit code of a command whose reader went away: what a shell reports for SIGPIPE.
pub const NOBODY_READS: u8 = 141;

/// Prints a line; an error where it cannot be printed.
macro_rules! say {
    ($($arg:tt)*) => {
        std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{}\n", format_args!($($arg)*)))
    };
}
pub(crate) use say;

/// Whether a command ended since nobody reads what it prints.
#[must_use]
pub fn nobody_reads(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
