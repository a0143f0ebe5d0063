/// One of the 64 squares, `8 · row + column`; a1 is 0, top-left in print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Square(u8);

impl Square {
    /// All squares in ascending order.
    pub const ALL: [Self; 64] = {
        let mut all = [Self(0); 64];
        let mut index = 0;
        while index < 64 {
            all[index as usize] = Self(index);
            index += 1;
        }
        all
    };

    /// `8 · row + column`.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
