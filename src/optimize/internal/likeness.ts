/**
 * How alike vectors are: the cosine of the angle between them.
 */

/** Vectors of length 1, one behind the other. */
export interface Points {
  readonly dimensions: number
  readonly numbers: Float32Array
}

/** A vector by its place, and how like another it is. */
export interface Point {
  readonly at: number
  readonly similarity: number
}

/** Vectors that are all as long as the first. */
export const points = (vectors: ReadonlyArray<ArrayLike<number>>): Points => {
  const dimensions = vectors[0]?.length ?? 0
  const numbers = new Float32Array(vectors.length * dimensions)
  for (const [at, vector] of vectors.entries()) numbers.set(normal(vector), at * dimensions)
  return { dimensions, numbers }
}

/** The `k` that are most like the vector, the most alike first; of equally alike ones the first. */
export const nearest = (
  { dimensions, numbers }: Points,
  vector: ArrayLike<number>,
  k: number
): ReadonlyArray<Point> => {
  const wanted = normal(vector)
  const found: Array<Point> = []
  const count = dimensions === 0 ? 0 : numbers.length / dimensions
  for (let at = 0; at < count; at++) {
    let similarity = 0
    for (let i = 0, from = at * dimensions; i < dimensions; i++) similarity += numbers[from + i]! * wanted[i]!
    if (found.length === k && similarity <= found[k - 1]!.similarity) continue
    let place = found.length
    while (place > 0 && found[place - 1]!.similarity < similarity) place--
    found.splice(place, 0, { at, similarity })
    if (found.length > k) found.pop()
  }
  return found
}

/** The vector with the length 1; one without a direction is like nothing, and stays as it is. */
const normal = (vector: ArrayLike<number>): ReadonlyArray<number> => {
  const numbers = Array.from(vector)
  const length = Math.sqrt(numbers.reduce((sum, number) => sum + number * number, 0))
  return length === 0 ? numbers : numbers.map((number) => number / length)
}
