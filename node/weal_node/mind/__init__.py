"""What the agent believes of its person, from answers to explanations. `answers.give` is the one way in which an answer is learnt from."""
