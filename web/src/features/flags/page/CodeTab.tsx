import { Code, CopyButton, Button, Group, Paper, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import type { FlagView } from '@/shared/api/types'
import { useMessages } from '@/shared/i18n/messages'
import { snippet, snippetLanguages, type SnippetLanguage } from './snippets'

/** How an application asks for this flag. */
export default function CodeTab({ flag }: { flag: FlagView }) {
  const m = useMessages()
  const [language, setLanguage] = useState<SnippetLanguage>('dotnet')
  const text = snippet(language, flag, location.origin)
  return (
    <Paper className="surface" p="md">
      <Stack gap="sm">
        <Group justify="space-between">
          <SegmentedControl
            aria-label={m.flag.snippetLanguage}
            value={language}
            onChange={(value) => setLanguage(value as SnippetLanguage)}
            data={snippetLanguages}
          />
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Button variant="default" leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy}>
                {copied ? m.common.copied : m.common.copy}
              </Button>
            )}
          </CopyButton>
        </Group>
        <Code block fz={13} tabIndex={0}>
          {text}
        </Code>
        <Text size="sm" c="dimmed">
          {m.flag.snippetHint}
        </Text>
      </Stack>
    </Paper>
  )
}
