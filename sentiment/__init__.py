"""What they feel: the transformer that scores a text, its calibration, measuring and training."""
