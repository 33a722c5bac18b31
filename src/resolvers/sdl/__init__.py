"""What the SDL is made of beside types: descriptions, scalars, directives."""
