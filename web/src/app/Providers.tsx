import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { MessagesProvider } from '@/shared/i18n/messages'
import { queryClient } from './queryClient'
import { styleNonce } from './styleNonce'
import { cssVariables, theme } from './theme'

export function Providers({ children }: { children: ReactNode }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <QueryClientProvider client={queryClient}>
        <MessagesProvider>
          <Notifications position="bottom-right" limit={4} />
          {children}
        </MessagesProvider>
      </QueryClientProvider>
    </MantineProvider>
  )
}
