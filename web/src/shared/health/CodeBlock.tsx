import { ActionIcon, Code, CopyButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useMessages } from '../i18n/messages'

/** Code with a button that copies it. */
export function CodeBlock({ code }: { code: string }) {
  const m = useMessages()
  return (
    <div style={{ position: 'relative' }}>
      <Code block tabIndex={0} style={{ overflowX: 'auto' }}>
        {code}
      </Code>
      <CopyButton value={code}>
        {({ copied, copy }) => (
          <ActionIcon variant="default" aria-label={m.common.copy} onClick={copy} style={{ position: 'absolute', top: 6, right: 6 }}>
            {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  )
}
