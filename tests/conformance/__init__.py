"""Does zkynet do what version 2025.12 of the Array API standard asks for? See ``docs/conformance.md``."""
