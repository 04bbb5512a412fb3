import { Alert, Button, FileButton, Group, Progress, SegmentedControl, Stack, Text, Textarea } from '@mantine/core'
import { IconAlertTriangle, IconFileText, IconUpload } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { isProblem } from '@/shared/api/problem'
import { Dialog } from '@/shared/components/Dialog'
import { errorText, showDone } from '@/shared/components/feedback'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { compareKeys, uploadKeys, useSegmentKeyActions, type KeyListName, type KeysComparison, type UploadMode } from './api/segmentKeys'
import classes from './ChangeKeysDialog.module.css'
import { KeysDifference } from './KeysDifference'
import { faultOf, maximumBytes, sizeText, toLines } from './keyText'
import { useTexts } from './texts/useTexts'

type Props = { scope: Scope; segment: string; list: KeyListName; count: number; onClose: () => void }
type Work = { what: 'compare' | 'apply'; percent: number; stop: () => void }

/** Changes a list by pasted text or a file of up to a million keys: first shows what would happen, then does it. Both can be stopped. */
export function ChangeKeysDialog({ scope, segment, list, count, onClose }: Props) {
  const m = useMessages()
  const t = useTexts()
  const { language } = useLanguage()
  const { refresh } = useSegmentKeyActions(scope, segment, list)
  const [mode, setMode] = useState<UploadMode>('add')
  const [source, setSource] = useState<'paste' | 'file'>('paste')
  const [text, setText] = useState('')
  const [file, setFile] = useState<File | null>(null)
  const [fault, setFault] = useState<Awaited<ReturnType<typeof faultOf>>>(null)
  const [over, setOver] = useState(false)
  const [work, setWork] = useState<Work | null>(null)
  const [comparison, setComparison] = useState<KeysComparison | null>(null)
  const [note, setNote] = useState<{ color: string; text: string } | null>(null)
  const resetFile = useRef<() => void>(null)
  const tooLarge = source === 'file' && file !== null && file.size > maximumBytes
  const keys = source === 'file' ? file : toLines(text)
  const ready = keys !== null && keys !== '' && !tooLarge && (source === 'paste' || fault === null)
  const choose = (chosen: File | null | undefined) => {
    if (chosen) {
      setFile(chosen)
      setNote(null)
      // Read anew when it cannot be read: then sending it says why.
      void faultOf(chosen).then(setFault, () => setFault(null))
    }
  }

  const run = async <T,>(what: Work['what'], call: (signal: AbortSignal, onProgress: (percent: number) => void) => Promise<T>, done: (answer: T) => void) => {
    const controller = new AbortController()
    const begun = { what, percent: 0, stop: () => controller.abort() }
    setWork(begun)
    setNote(null)
    try {
      done(await call(controller.signal, (percent) => setWork({ ...begun, percent })))
    } catch (error) {
      if (controller.signal.aborted) {
        setNote({ color: 'gray', text: t.segmentKeys.stopped })
        // What the server was in the middle of may still have been done.
        void refresh()
      } else if (isProblem(error, 'precondition_failed')) {
        setComparison(null)
        setNote({ color: 'orange', text: t.segmentKeys.movedOn })
      } else {
        const id = isProblem(error) ? error.requestId : undefined
        setNote({ color: 'red', text: `${errorText(error, m)}${id === undefined ? '' : ` ${m.errors.requestId(id)}`}` })
      }
    } finally {
      setWork(null)
    }
  }
  const compare = () =>
    run('compare', (signal, onProgress) => compareKeys({ scope, segment, list, mode, keys: keys ?? '', signal, onProgress }), setComparison)
  const apply = (version: number) =>
    run('apply', (signal, onProgress) => uploadKeys({ scope, segment, list, mode, keys: keys ?? '', signal, onProgress }, version), (saved) => {
      void refresh()
      showDone(t.segmentKeys.applied(list === 'included' ? saved.includedCount : saved.excludedCount), m)
      onClose()
    })

  return (
    <Dialog
      opened
      size="lg"
      onClose={() => {
        work?.stop()
        onClose()
      }}
      closeOnClickOutside={false}
      title={<Text fw={650}>{t.segmentKeys.title[list]}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <Stack>
        {comparison === null ? (
          <>
            <div>
              <SegmentedControl
                fullWidth
                aria-label={t.segmentKeys.mode}
                value={mode}
                disabled={work !== null}
                onChange={(value) => setMode(value as UploadMode)}
                data={(['add', 'remove', 'replace'] as const).map((value) => ({ value, label: t.segmentKeys.modes[value] }))}
              />
              <Text size="xs" c="dimmed" mt={6}>
                {t.segmentKeys.modeHints[mode]}
              </Text>
            </div>
            <SegmentedControl
              size="xs"
              aria-label={t.segmentKeys.source}
              value={source}
              disabled={work !== null}
              style={{ alignSelf: 'flex-start' }}
              onChange={(value) => setSource(value as 'paste' | 'file')}
              data={[
                { value: 'paste', label: t.segmentKeys.paste },
                { value: 'file', label: t.segmentKeys.file },
              ]}
            />
            {source === 'paste' ? (
              <Textarea
                label={t.segmentKeys.pasteLabel}
                description={t.segmentKeys.pasteHint}
                minRows={8}
                rows={8}
                classNames={{ input: 'mono' }}
                spellCheck={false}
                disabled={work !== null}
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
            ) : (
              <div
                className={classes.drop}
                data-over={over || undefined}
                onDragOver={(event) => {
                  event.preventDefault()
                  setOver(true)
                }}
                onDragLeave={() => setOver(false)}
                onDrop={(event) => {
                  event.preventDefault()
                  setOver(false)
                  choose(event.dataTransfer.files[0])
                }}
              >
                <IconFileText size={32} stroke={1.4} aria-hidden />
                <Text size="sm" fw={file === null ? 400 : 600} ta="center" role="status">
                  {file === null ? t.segmentKeys.dropHint : t.segmentKeys.chosenFile(file.name, sizeText(file.size, language))}
                </Text>
                <FileButton resetRef={resetFile} onChange={choose} accept="text/plain,text/csv,.txt,.csv">
                  {(props) => (
                    <Button {...props} variant="default" disabled={work !== null} leftSection={<IconUpload size={16} aria-hidden />}>
                      {t.segmentKeys.chooseFile}
                    </Button>
                  )}
                </FileButton>
              </div>
            )}
            {source === 'file' && (tooLarge || fault !== null) && (
              <Text size="sm" c="var(--mantine-color-error)" role="alert">
                {tooLarge ? t.segmentKeys.tooLarge : t.segmentKeys.fileFaults[fault ?? 'empty']}
              </Text>
            )}
          </>
        ) : (
          <KeysDifference comparison={comparison} />
        )}
        {work !== null && (
          <div role="status">
            <Progress value={work.percent} animated={work.percent === 100} aria-label={t.segmentKeys.sending(work.percent)} />
            <Text size="xs" mt={4}>
              {work.percent < 100 ? t.segmentKeys.sending(work.percent) : work.what === 'compare' ? t.segmentKeys.checking : t.segmentKeys.writing}
            </Text>
          </div>
        )}
        {note !== null && (
          <Alert color={note.color} icon={<IconAlertTriangle />} role="alert">
            {note.text}
          </Alert>
        )}
        <Group justify="flex-end">
          {work !== null ? (
            <Button variant="default" onClick={work.stop}>
              {t.segmentKeys.stop}
            </Button>
          ) : comparison === null ? (
            <Button disabled={!ready} onClick={() => void compare()}>
              {t.segmentKeys.check}
            </Button>
          ) : (
            <>
              <Button variant="default" onClick={() => setComparison(null)}>
                {t.segmentKeys.back}
              </Button>
              <Button
                color={comparison.removed > 0 && (mode === 'remove' || comparison.removed * 2 > count) ? 'red' : undefined}
                disabled={comparison.added + comparison.removed === 0}
                onClick={() => void apply(comparison.version)}
              >
                {t.segmentKeys.apply[mode]}
              </Button>
            </>
          )}
        </Group>
      </Stack>
    </Dialog>
  )
}
