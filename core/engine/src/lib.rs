//! Plan and run: the four steps, the strategies, resume and roll-back. Knows nothing of any format or target.
