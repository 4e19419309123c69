//! Satisfaction: what customers think of what was done.
