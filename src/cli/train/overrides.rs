use std::fmt;
use std::marker::PhantomData;

use clap::{ArgMatches, Args, Command, FromArgMatches};

/// Options of the command line, each of which replaces one field of a `T` that comes from elsewhere: a
/// preset, or a file.
pub(super) struct Overrides<T> {
    matches: ArgMatches,
    of: PhantomData<T>,
}

impl<T: Args> Overrides<T> {
    /// `base` with the fields that were given on the command line.
    pub(super) fn over(&self, mut base: T) -> Result<T, clap::Error> {
        base.update_from_arg_matches(&self.matches)?;
        Ok(base)
    }
}

impl<T> fmt::Debug for Overrides<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.matches.fmt(f)
    }
}

impl<T: Args> FromArgMatches for Overrides<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { matches: matches.clone(), of: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.matches = matches.clone();
        Ok(())
    }
}

impl<T: Args> Args for Overrides<T> {
    fn augment_args(command: Command) -> Command {
        T::augment_args_for_update(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}
