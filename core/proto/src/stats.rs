//! Figures of a link.
