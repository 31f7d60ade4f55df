/** What the Windows connectors read and tell apart, for `connector list`. */
export const windowsFormats: readonly string[] = [
  'Windows event XML, one or many events, in one line or pretty printed',
  'EVTX files',
  'JSON of Winlogbeat, Elastic Agent, NXLog, Fluent Bit, Vector, Wazuh, Splunk HEC, Get-WinEvent, EvtxECmd, evtx_dump, GELF',
  'Snare MSWinEventLog over syslog',
  'lines of key=value under a time (Splunk WinEventLog)',
  'exports of WindowsEvent, SecurityEvent and Event as JSON or CSV',
];
