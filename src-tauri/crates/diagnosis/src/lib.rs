//! Evidence becomes a cause, words and a next step. Pure.
