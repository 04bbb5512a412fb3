const deepest = 100
const longestLine = 2_000
const longest = 300_000

/**
 * Whether a text is beyond what an editor colours, folds and indents at the speed of typing: brackets in brackets in brackets, and lines that have no end, are laid out anew with every key. It can
 * still be read and changed.
 */
export function isHeavy(text: string): boolean {
  if (text.length > longest) {
    return true
  }
  let depth = 0
  let lineStart = 0
  let quoted = false
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case 10: // A text of JSON does not go over the end of a line.
        lineStart = index + 1
        quoted = false
        break
      case 34:
        quoted = !quoted
        break
      case 92:
        index += quoted ? 1 : 0
        break
      case 91:
      case 123:
        depth += quoted ? 0 : 1
        break
      case 93:
      case 125:
        depth -= quoted || depth === 0 ? 0 : 1
        break
    }
    if (depth > deepest || index - lineStart > longestLine) {
      return true
    }
  }
  return false
}
