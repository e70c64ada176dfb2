//! What the guard lets through.
