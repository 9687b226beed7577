//! Short programs with one point each.
