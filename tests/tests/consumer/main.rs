//! The judge of buckets is judged: buckets made by hand, right ones and wrong ones.

mod hand_made;
mod journal;
mod live;
mod reads;
mod replays;
