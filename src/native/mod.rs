//! Many games at once on native cores: forward passes with taps, and gradients worked out by hand.
