"""What is listened to: the brands and their competitors, and what a text says of them."""
