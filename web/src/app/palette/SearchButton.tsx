import { ActionIcon, Kbd, Text, UnstyledButton } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { use } from 'react'
import { useMessages } from '@/shared/i18n/messages'
import { commandKey } from '../shortcuts/shortcuts'
import { CommandsContext } from './commandsContext'
import classes from './SearchButton.module.css'

/** Opens the palette: a field in wide headers, a symbol in narrow ones. */
export function SearchButton() {
  const m = useMessages()
  const show = use(CommandsContext)
  return (
    <>
      <UnstyledButton className={classes.field} visibleFrom="md" onClick={() => show('palette')}>
        <IconSearch size={16} stroke={1.7} aria-hidden />
        <Text size="sm" component="span" flex={1} truncate>
          {m.palette.title}
        </Text>
        <Kbd size="xs" aria-hidden>
          {commandKey()} K
        </Kbd>
      </UnstyledButton>
      <ActionIcon variant="subtle" color="gray" size="lg" hiddenFrom="md" aria-label={m.palette.title} onClick={() => show('palette')}>
        <IconSearch size={19} stroke={1.7} aria-hidden />
      </ActionIcon>
    </>
  )
}
