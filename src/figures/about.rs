use super::Published;

/// What people are told of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// Its name in files and manifests.
    pub name: &'static str,
    /// Its heading in the report.
    pub title: &'static str,
    /// Its heading where there is little room.
    pub short: &'static str,
    /// What it is, in one sentence.
    pub meaning: &'static str,
    /// How it is worked out.
    pub formula: &'static str,
    /// In which unit it is given.
    pub unit: Unit,
    /// Digits after the point that are shown; of a share, of its per cent.
    pub digits: usize,
}

/// A unit of a [`Value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A share from 0 to 1, shown in per cent.
    Share,
    /// So many features, labels or squares.
    Count,
    /// The logarithm of a probability, to the base e.
    Nats,
    /// A number without a unit.
    Ratio,
}

/// When a figure is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Every time.
    Always,
    /// Unless others are asked for instead.
    Usually,
    /// When it is asked for: it takes long or much room.
    Asked,
}

/// What people are told of a figure: a group of numbers that are measured together.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name on the command line and in files.
    pub name: &'static str,
    /// Its name before people.
    pub title: &'static str,
    /// What it tells, in one sentence.
    pub meaning: &'static str,
    /// When it is measured.
    pub when: When,
    /// Whether it learns something on games of their own, which are then run too.
    pub learns: bool,
    /// The memory that it takes beside the dictionary's activations, for G games of 51 scored positions.
    pub memory: &'static str,
    /// Its numbers.
    pub values: &'static [&'static Value],
    /// What others have published of them.
    pub published: &'static [Published],
}
