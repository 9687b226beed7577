//! JSON objects, name by name.

use super::json_text;

/// An object under way: `{"name":value,…}`. The caller writes the values.
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    /// What stands before the next name.
    before: &'static [u8],
}

const FIRST: &[u8] = b"{\"";
const NEXT: &[u8] = b",\"";

impl<'o> Object<'o> {
    /// Starts an object.
    pub(super) fn open(out: &'o mut Vec<u8>) -> Self {
        Self { out, before: FIRST }
    }

    /// Appends a name; its value goes to what comes back.
    pub(super) fn name(&mut self, name: &str) -> &mut Vec<u8> {
        self.out.extend_from_slice(self.before);
        self.before = NEXT;
        json_text::write_utf8(name.as_bytes(), self.out);
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// Ends the object.
    pub(super) fn close(self) {
        self.out.extend_from_slice(if self.before == FIRST { b"{}" } else { b"}" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_its_names_in_order_or_nothing() {
        let mut out = Vec::new();
        Object::open(&mut out).close();
        let mut object = Object::open(&mut out);
        object.name("a").push(b'1');
        object.name("<").push(b'2');
        object.close();
        assert_eq!(out, br#"{}{"a":1,"\u003c":2}"#);
    }
}
