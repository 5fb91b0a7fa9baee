"""What is shared: publishing with a delay and a review, copies of what others share, their admission, topics."""
