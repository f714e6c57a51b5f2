import { QueryErrorResetBoundary } from '@tanstack/react-query';
import { Component, type ReactNode } from 'react';

import { Failed } from './states';

interface Props {
  children: ReactNode;
  /** Another value starts afresh: another conversation is another chance. */
  resetKey?: string | undefined;
  onReset: () => void;
}

class Boundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(before: Props) {
    if (before.resetKey !== this.props.resetKey && this.state.error !== undefined) this.setState({ error: undefined });
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    const onRetry = () => {
      this.props.onReset();
      this.setState({ error: undefined });
    };
    return <Failed error={this.state.error} onRetry={onRetry} />;
  }
}

/** One pane's failure is that pane's alone. */
export function PaneBoundary({ children, resetKey }: { children: ReactNode; resetKey?: string | undefined }) {
  return (
    <QueryErrorResetBoundary>
      {({ reset }) => (
        <Boundary resetKey={resetKey} onReset={reset}>
          {children}
        </Boundary>
      )}
    </QueryErrorResetBoundary>
  );
}
