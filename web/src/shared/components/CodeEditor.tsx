import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { Compartment, EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useEffectEvent, useRef } from 'react'
import { isHeavy } from './heavyText'
import { placeOf } from './jsonPlace'

/** Something about a text of JSON: at a JSON pointer, or where the text stops being JSON. */
export type CodeProblem = { path: string | null; severity: 'error' | 'warning' | 'info'; message: string }

type Props = {
  value: string
  onChange: (value: string) => void
  label: string
  problems?: CodeProblem[]
  readOnly?: boolean
  minHeight?: number
  maxHeight?: number
}

const noProblems: CodeProblem[] = []

/** An editor for JSON: highlighting, folding, undo, and problems at their place; of texts beyond all measure only the text. Tab leaves it, as every other input. */
export default function CodeEditor({ value, onChange, label, problems = noProblems, readOnly = false, minHeight = 90, maxHeight = 640 }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const changed = useEffectEvent((text: string) => {
    if (text !== value) {
      onChange(text)
    }
  })
  const start = useEffectEvent(() => value)

  useEffect(() => {
    if (host.current === null) {
      return
    }
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: start(),
        extensions: [
          EditorView.cspNonce.of((globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ ?? ''),
          lineNumbers(),
          aid.of(aids(isHeavy(start()))),
          lintGutter(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          look,
          relief,
          keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap]),
          settings.of([]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              changed(update.state.doc.toString())
            }
          }),
        ],
      }),
    })
    view.current = editor
    return () => {
      editor.destroy()
      view.current = null
    }
  }, [])

  useEffect(() => {
    view.current?.dispatch({
      effects: settings.reconfigure([
        EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': String(readOnly), spellcheck: 'false' }),
        EditorState.readOnly.of(readOnly),
        EditorView.theme({
          '.cm-scroller': { minHeight: `${minHeight}px`, maxHeight: `${maxHeight}px` },
          '.cm-content, .cm-gutter': { minHeight: `${minHeight}px` },
        }),
      ]),
    })
  }, [label, readOnly, minHeight, maxHeight])

  // A text from elsewhere (formatted, discarded, changed in the form) takes the place of what is shown.
  useEffect(() => {
    const editor = view.current
    if (editor !== null && editor.state.doc.toString() !== value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
    }
  }, [value])

  useEffect(() => {
    const editor = view.current
    if (editor !== null) {
      const found = problems.map(({ path, severity, message }): Diagnostic => ({ ...placeOf(editor.state, path), severity, message }))
      editor.dispatch(setDiagnostics(editor.state, found.sort((a, b) => a.from - b.from)))
    }
  }, [problems, value])

  return <div ref={host} />
}

const settings = new Compartment()
const aid = new Compartment()

/** What helps with writing JSON, where it does not hold up the typing. */
const aids = (heavy: boolean) =>
  heavy ? [] : [foldGutter(), indentOnInput(), bracketMatching(), json(), syntaxHighlighting(colors), EditorView.lineWrapping]

/** Takes the help away from a text that becomes heavy, before it is shown, and gives it back. */
const relief = EditorState.transactionExtender.of((transaction) => {
  if (!transaction.docChanged) {
    return null
  }
  const heavy = isHeavy(transaction.newDoc.toString())
  const now = (aid.get(transaction.startState) as unknown[]).length === 0
  return heavy === now ? null : { effects: aid.reconfigure(aids(heavy)) }
})

const look = EditorView.theme({
  '&': {
    border: '1px solid var(--togglr-border)',
    borderRadius: 'var(--mantine-radius-md)',
    background: 'var(--mantine-color-body)',
    color: 'var(--mantine-color-text)',
    fontSize: '13px',
    overflow: 'hidden',
  },
  '&.cm-focused': { outline: '2px solid var(--mantine-primary-color-filled)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--mantine-color-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '.cm-gutters': { background: 'var(--togglr-subtle)', color: 'var(--mantine-color-dimmed)', borderRight: '1px solid var(--togglr-border)' },
  '.cm-activeLine': { background: 'none' },
  '&.cm-focused .cm-activeLine': { background: 'light-dark(#6366f10d, #a5b4fc12)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { background: 'light-dark(#c7d2fe, #3b3f75) !important' },
  '.cm-matchingBracket': { background: 'none', outline: 'none' },
  '&.cm-focused .cm-matchingBracket': { background: 'light-dark(#e0e7ff, #31356b)' },
  '.cm-tooltip': { background: 'var(--mantine-color-body)', border: '1px solid var(--togglr-border)', color: 'var(--mantine-color-text)' },
  '.cm-foldPlaceholder': { background: 'var(--togglr-subtle)', border: '1px solid var(--togglr-border)', color: 'var(--mantine-color-dimmed)' },
})

const colors = HighlightStyle.define([
  { tag: tags.propertyName, color: 'light-dark(#4338ca, #a5b4fc)' },
  { tag: tags.string, color: 'light-dark(#0b6b52, #6ee7b7)' },
  { tag: tags.number, color: 'light-dark(#9a4a08, #fdba74)' },
  { tag: [tags.bool, tags.null], color: 'light-dark(#a21caf, #f0abfc)' },
  { tag: [tags.separator, tags.brace, tags.squareBracket], color: 'var(--mantine-color-dimmed)' },
])
