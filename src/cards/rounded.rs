/// An AUROC in one byte: the nearest of `1/255, 2/255 … 1`, so that it is off by 0.002 at most, or none at all.
///
/// ```
/// use othello_lens::cards::RoundedAuroc;
///
/// assert_eq!(RoundedAuroc::new(Some(0.913)).byte(), 233);
/// assert_eq!(RoundedAuroc::of_byte(233).value(), Some(233.0 / 255.0));
/// assert_eq!(RoundedAuroc::new(None).value(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoundedAuroc(u8);

impl RoundedAuroc {
    /// Rounds an AUROC, 0 to 1; `None` where a label always or never holds. What lies below 1/510 is 1/255.
    #[must_use]
    pub fn new(auroc: Option<f64>) -> Self {
        Self(auroc.map_or(0, |auroc| (255.0 * auroc).round().clamp(1.0, 255.0) as u8))
    }

    /// The byte as files hold it: 0 is none.
    #[must_use]
    pub const fn byte(self) -> u8 {
        self.0
    }

    /// What a file holds.
    #[must_use]
    pub const fn of_byte(byte: u8) -> Self {
        Self(byte)
    }

    /// The AUROC.
    #[must_use]
    pub fn value(self) -> Option<f32> {
        (self.0 > 0).then(|| f32::from(self.0) / 255.0)
    }
}
