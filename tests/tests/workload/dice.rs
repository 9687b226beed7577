//! Choices from a seed: the same seed, the same choices.

/// The seed of a test, or the one in `SPILLWAY_SEED`. Printed, so that a failure tells it.
pub fn seed(usual: u64) -> u64 {
    let given = std::env::var("SPILLWAY_SEED").ok();
    let seed = given.map_or(usual, |given| given.parse().expect("SPILLWAY_SEED is a number"));
    println!("seed {seed}; set SPILLWAY_SEED for another");
    seed
}

/// The generator SplitMix64.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// One of these.
    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize].clone()
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}
