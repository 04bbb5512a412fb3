import { ThemeIcon, Tooltip } from '@mantine/core'
import { IconBraces, IconHash, IconLetterT, IconToggleRight } from '@tabler/icons-react'
import type { FlagType } from '../api/types'
import { useMessages } from '../i18n/messages'

const icons = { boolean: IconToggleRight, string: IconLetterT, number: IconHash, json: IconBraces }
const colors = { boolean: 'brand', string: 'teal', number: 'orange', json: 'grape' }

export function FlagTypeIcon({ type, size = 28 }: { type: FlagType; size?: number }) {
  const m = useMessages()
  const Icon = icons[type]
  return (
    <Tooltip label={m.flagTypes[type]}>
      <ThemeIcon variant="light" color={colors[type]} size={size} radius="md" aria-label={m.flagTypes[type]} role="img">
        <Icon size={size * 0.6} stroke={1.8} aria-hidden />
      </ThemeIcon>
    </Tooltip>
  )
}
