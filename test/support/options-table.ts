/** A table of options as a page of the documentation has to show it. */
import type { SettingsTable } from '../../src/cli/settings.ts';

export function optionsTable(table: SettingsTable): string {
  const hasVariables = Object.values(table).some(({ env }) => env !== undefined);
  const head = hasVariables
    ? '| flag | variable | default | |\n| --- | --- | --- | --- |'
    : '| flag | default | |\n| --- | --- | --- |';
  const rows = Object.values(table).map(({ flag, env, about, fallback, fallbackText }) => {
    const isSwitch = !flag.includes('<');
    const value = fallbackText ?? (isSwitch ? 'off' : (fallback ?? 'none'));
    const cells = [`\`${flag}\``, ...(hasVariables ? [env ? `\`${env}\`` : ''] : []), value, about];
    return `| ${cells.join(' | ')} |`;
  });
  return [head, ...rows].join('\n');
}
