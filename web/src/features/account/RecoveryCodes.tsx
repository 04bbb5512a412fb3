import { Button, Checkbox, CopyButton, Group, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy, IconDownload, IconPrinter } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { meQuery } from '@/shared/project/me'
import classes from './AccountPage.module.css'

type Props = { codes: string[]; doneLabel: string; onSaved: () => void }

/** The recovery codes, shown this once. Going on takes saying that they are kept somewhere. */
export function RecoveryCodes({ codes, doneLabel, onSaved }: Props) {
  const m = useMessages()
  const { language } = useLanguage()
  const { data: me } = useQuery(meQuery)
  const [saved, setSaved] = useState(false)
  const [issued] = useState(() => new Date())
  const heading = m.twoFactor.sheet(me?.email ?? '', location.host, issued.toLocaleDateString(language, { dateStyle: 'long' }))
  const sheet = `${heading}\n\n${codes.join('\n')}\n\n${m.twoFactor.sheetHint}\n`

  const download = () => {
    const url = URL.createObjectURL(new Blob([sheet], { type: 'text/plain;charset=utf-8' }))
    const link = document.createElement('a')
    link.href = url
    link.download = 'togglr-recovery-codes.txt'
    link.click()
    // The download has begun by then.
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  }

  return (
    <Stack gap="md">
      <Text size="sm">{m.twoFactor.codesText}</Text>
      <div data-print-sheet>
        <Text size="sm" mb="md" className="print-only">
          {heading}
        </Text>
        <ol className={classes.codes} aria-label={m.twoFactor.codesTitle}>
          {codes.map((code) => (
            <li key={code} className="mono">
              {code}
            </li>
          ))}
        </ol>
        <Text size="sm" mt="md" className="print-only">
          {m.twoFactor.sheetHint}
        </Text>
      </div>
      <Group gap="xs">
        <CopyButton value={codes.join('\n')}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
              onClick={copy}
            >
              {copied ? m.common.copied : m.common.copy}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} onClick={download}>
          {m.twoFactor.download}
        </Button>
        <Button variant="default" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => window.print()}>
          {m.twoFactor.print}
        </Button>
      </Group>
      <Checkbox label={m.twoFactor.savedCodes} checked={saved} onChange={(event) => setSaved(event.currentTarget.checked)} />
      <Group>
        <Button disabled={!saved} onClick={onSaved}>
          {doneLabel}
        </Button>
      </Group>
    </Stack>
  )
}
