import { ActionIcon, Kbd, Loader, Modal, Text, VisuallyHidden } from '@mantine/core'
import { IconChevronLeft, IconSearch, IconX } from '@tabler/icons-react'
import { useEffect, useId, useRef, useState } from 'react'
import { errorText } from '@/shared/components/feedback'
import type { FlagItem } from '@/shared/flags/flagList'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import type { Deed } from './entries'
import classes from './Palette.module.css'
import { PaletteRow } from './PaletteRow'
import { useEntries } from './useEntries'

type Props = { scope: Scope; onClose: () => void; onDo: (deed: Deed) => void }

/** Search and commands in one field. The arrows move, Enter chooses, the right arrow unfolds what can be done with a flag. */
export default function Palette({ scope, onClose, onDo }: Props) {
  const m = useMessages()
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const [query, setQuery] = useState('')
  const [unfolded, setUnfolded] = useState<{ flag: FlagItem; query: string } | null>(null)
  const [at, setAt] = useState(0)
  const { groups, waiting, failed } = useEntries(scope, query, unfolded?.flag ?? null)
  const rows = groups.flatMap((group) => group.entries)
  const selected = Math.min(at, rows.length - 1)
  const current = rows[selected]

  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }, [selected, query])

  const type = (text: string) => {
    setQuery(text)
    setAt(0)
  }
  const unfold = (flag: FlagItem) => {
    setUnfolded({ flag, query })
    type('')
  }
  const foldBack = () => {
    type(unfolded?.query ?? '')
    setUnfolded(null)
  }
  const choose = (index: number) => {
    const entry = rows[index]
    if (entry !== undefined && entry.refused === undefined) {
      onDo(entry.deed)
    }
  }
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>) => {
    const { selectionStart, value } = event.currentTarget
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key]
    if (step !== undefined && rows.length > 0) {
      event.preventDefault()
      const next = selected + step
      setAt(Math.abs(step) === 1 ? (next + rows.length) % rows.length : Math.max(0, Math.min(rows.length - 1, next)))
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault()
      choose(selected)
    } else if (event.key === 'ArrowRight' && selectionStart === value.length && current?.flag !== undefined) {
      event.preventDefault()
      unfold(current.flag)
    } else if (unfolded !== null && query === '' && (event.key === 'ArrowLeft' || event.key === 'Backspace')) {
      event.preventDefault()
      foldBack()
    }
  }

  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size={640}
      padding={0}
      centered={false}
      yOffset="min(12vh, 96px)"
      transitionProps={{ duration: 0 }}
      attributes={{ content: { 'aria-label': m.palette.title } }}
      classNames={{ content: classes.content }}
      styles={{ inner: { paddingInline: 8 } }}
    >
      <div className={classes.top}>
        {unfolded === null ? (
          <IconSearch size={20} stroke={1.7} aria-hidden style={{ flex: 'none' }} />
        ) : (
          <ActionIcon variant="subtle" color="gray" aria-label={m.common.back} onClick={foldBack}>
            <IconChevronLeft size={20} aria-hidden />
          </ActionIcon>
        )}
        <input
          className={classes.input}
          data-autofocus
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={current === undefined ? undefined : `${id}-${current.id}`}
          aria-autocomplete="list"
          aria-label={m.palette.title}
          placeholder={unfolded === null ? m.palette.placeholder : m.palette.placeholderOf(unfolded.flag.key)}
          value={query}
          maxLength={200}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          enterKeyHint="go"
          onChange={(event) => type(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {waiting && <Loader size={16} role="status" aria-label={m.palette.searching} />}
        <ActionIcon variant="subtle" color="gray" aria-label={m.common.close} onClick={onClose}>
          <IconX size={18} aria-hidden />
        </ActionIcon>
      </div>
      {/* The input leads through the list, so a press on it must not take the focus away. */}
      <div ref={list} className={classes.body} onMouseDown={(event) => event.preventDefault()}>
        <div role="listbox" tabIndex={0} hidden={rows.length === 0} className={classes.list} id={`${id}-list`} aria-label={unfolded === null ? m.palette.results : m.palette.actionsOf(unfolded.flag.key)}>
          {groups.map((group) => (
            <div key={group.section} role="group" aria-labelledby={`${id}-s-${group.section}`}>
              <div className={classes.section} id={`${id}-s-${group.section}`}>
                {m.palette.sections[group.section]}
              </div>
              {group.entries.map((entry) => {
                const index = rows.indexOf(entry)
                return (
                  <PaletteRow
                    key={entry.id}
                    id={`${id}-${entry.id}`}
                    entry={entry}
                    selected={index === selected}
                    onPoint={() => index !== selected && setAt(index)}
                    onChoose={() => choose(index)}
                  />
                )
              })}
            </div>
          ))}
        </div>
        {rows.length === 0 && !waiting && (
          <Text size="sm" ta="center" py={48} px="md" component="div" role="status" style={{ overflowWrap: 'anywhere' }}>
            {failed === null ? (
              <>
                {m.palette.nothing(query.trim())}
                <Text size="xs" c="dimmed" mt={6}>
                  {m.palette.nothingHint}
                </Text>
              </>
            ) : (
              errorText(failed, m)
            )}
          </Text>
        )}
      </div>
      <VisuallyHidden role="status">{waiting ? '' : m.common.items(rows.length)}</VisuallyHidden>
      <div className={classes.foot} aria-hidden>
        <span>
          <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> {m.palette.move}
        </span>
        <span>
          <Kbd size="xs">↵</Kbd> {m.palette.choose}
        </span>
        {unfolded === null ? (
          current?.flag !== undefined && (
            <span>
              <Kbd size="xs">→</Kbd> {m.palette.actionsHint}
            </span>
          )
        ) : (
          <span>
            <Kbd size="xs">←</Kbd> {m.palette.backHint}
          </span>
        )}
      </div>
    </Modal>
  )
}
