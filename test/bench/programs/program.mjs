/** A program for the command. */
import { Predict } from "effect-lm"

export const program = Predict.make("question -> reasoning, answer")
