import { Anchor, Box, Center, Group, Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { languages, useLanguage, useMessages } from '../i18n/messages'
import { Logo } from './Logo'

type Props = { title: string; text?: ReactNode; width?: number; children: ReactNode }

/** A card in the middle of the window: what stands before and beside the application itself. */
export function AuthLayout({ title, text, width = 420, children }: Props) {
  const m = useMessages()
  const { language, setLanguage } = useLanguage()
  return (
    <Center mih="100dvh" p="md" component="main">
      <Box w="100%" maw={width}>
        <Center mb="lg">
          <Logo size={36} />
        </Center>
        <Paper className="surface" p={{ base: 'lg', xs: 'xl' }} shadow="sm">
          <Stack>
            <div>
              <Title order={1} size="h3" style={{ overflowWrap: 'anywhere' }}>
                {title}
              </Title>
              {text !== undefined && (
                <Text c="dimmed" size="sm" mt={4} component="div" style={{ overflowWrap: 'anywhere' }}>
                  {text}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Paper>
        <Group justify="center" gap="sm" mt="md" role="group" aria-label={m.app.language}>
          {languages.map(({ code, name }) => (
            <Anchor
              key={code}
              component="button"
              type="button"
              size="xs"
              lang={code}
              aria-pressed={code === language}
              c={code === language ? 'var(--mantine-color-text)' : 'dimmed'}
              fw={code === language ? 600 : 400}
              onClick={() => setLanguage(code)}
            >
              {name}
            </Anchor>
          ))}
        </Group>
      </Box>
    </Center>
  )
}
