import { ensureSyntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'

type Place = { from: number; to: number }

/** Where a JSON pointer leads in a text: the deepest part of it that is there. Null: where the text stops being JSON. */
export function placeOf(state: EditorState, path: string | null): Place {
  const tree = ensureSyntaxTree(state, state.doc.length, 200)
  const end = state.doc.length
  if (tree === null || tree.length === 0) {
    // Nobody has read it: its beginning stands for all of it.
    return { from: 0, to: Math.min(end, state.doc.line(1).to, 100) }
  }
  if (path === null) {
    let place: Place | null = null
    tree.iterate({
      enter: (node) => {
        if (node.type.isError && place === null) {
          place = { from: Math.max(0, node.from - (node.from === node.to ? 1 : 0)), to: Math.min(end, Math.max(node.to, node.from + 1)) }
        }
      },
    })
    return place ?? { from: Math.max(0, end - 1), to: end }
  }
  let node: SyntaxNode | null = tree.topNode.firstChild
  for (const part of path.split('/').slice(1)) {
    const next: SyntaxNode | null = node === null ? null : childAt(state, node, part.replaceAll('~1', '/').replaceAll('~0', '~'))
    if (next === null) {
      break
    }
    node = next
  }
  // Of a big object only its first line: a whole file under a wavy line says nothing.
  return node === null ? { from: 0, to: end } : { from: node.from, to: Math.min(node.to, state.doc.lineAt(node.from).to) }
}

function childAt(state: EditorState, node: SyntaxNode, part: string): SyntaxNode | null {
  if (node.name === 'Array') {
    let index = 0
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (/^\w/.test(child.name)) {
        if (String(index) === part) {
          return child
        }
        index += 1
      }
    }
  }
  if (node.name === 'Object') {
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      const name = child.name === 'Property' ? child.getChild('PropertyName') : null
      if (name !== null && unquoted(state.sliceDoc(name.from, name.to)) === part) {
        return child.lastChild
      }
    }
  }
  return null
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}
