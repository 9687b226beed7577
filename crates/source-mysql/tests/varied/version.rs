//! Which server it is.

/// A server's kind and version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    pub is_mariadb: bool,
    /// Major and minor.
    pub number: [u32; 2],
    patch: u32,
}

impl Version {
    /// Reads `10.1.23-MariaDB` or `5.6.24-log`.
    pub fn of(text: &str) -> Self {
        let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().unwrap());
        let mut next = || numbers.next().unwrap();
        Self { is_mariadb: text.contains("MariaDB"), number: [next(), next()], patch: next() }
    }

    /// Whether it is this version of its kind or a later one.
    pub fn is_since(self, [major, minor, patch]: [u32; 3]) -> bool {
        (self.number, self.patch) >= ([major, minor], patch)
    }
}
