/** How the text of a CEF value becomes the value of its column. */
export type CefType = 'text' | 'int' | 'long' | 'real' | 'time';

export interface CefTarget {
  readonly column: string;
  readonly type: CefType;
  /** A second column of older or newer agents that gets the same value. */
  readonly also?: { readonly column: string; readonly type: CefType } | undefined;
}

/**
 * Extension keys that have a column of CommonSecurityLog: `key Column`, grouped by type; `key Column/Other:type` fills
 * two. Keys are compared without case.
 * Source: https://learn.microsoft.com/azure/sentinel/cef-name-mapping
 */
const lines: Readonly<Record<CefType, string>> = {
  text: `
act DeviceAction/SimplifiedDeviceAction:text
app ApplicationProtocol
c6a1 DeviceCustomIPv6Address1
c6a1Label DeviceCustomIPv6Address1Label
c6a2 DeviceCustomIPv6Address2
c6a2Label DeviceCustomIPv6Address2Label
c6a3 DeviceCustomIPv6Address3
c6a3Label DeviceCustomIPv6Address3Label
c6a4 DeviceCustomIPv6Address4
c6a4Label DeviceCustomIPv6Address4Label
cat DeviceEventCategory
cfp1Label DeviceCustomFloatingPoint1Label
cfp2Label DeviceCustomFloatingPoint2Label
cfp3Label DeviceCustomFloatingPoint3Label
cfp4Label DeviceCustomFloatingPoint4Label
cn1Label DeviceCustomNumber1Label
cn2Label DeviceCustomNumber2Label
cn3Label DeviceCustomNumber3Label
cs1 DeviceCustomString1
cs1Label DeviceCustomString1Label
cs2 DeviceCustomString2
cs2Label DeviceCustomString2Label
cs3 DeviceCustomString3
cs3Label DeviceCustomString3Label
cs4 DeviceCustomString4
cs4Label DeviceCustomString4Label
cs5 DeviceCustomString5
cs5Label DeviceCustomString5Label
cs6 DeviceCustomString6
cs6Label DeviceCustomString6Label
destinationDnsDomain DestinationDnsDomain
destinationServiceName DestinationServiceName
destinationTranslatedAddress DestinationTranslatedAddress
deviceCustomDate1 DeviceCustomDate1
deviceCustomDate1Label DeviceCustomDate1Label
deviceCustomDate2 DeviceCustomDate2
deviceCustomDate2Label DeviceCustomDate2Label
deviceDirection CommunicationDirection
deviceDnsDomain DeviceDnsDomain
deviceExternalId DeviceExternalID
deviceFacility DeviceFacility
deviceInboundInterface DeviceInboundInterface
deviceNtDomain DeviceNtDomain
deviceOutboundInterface DeviceOutboundInterface
devicePayloadId DevicePayloadId
deviceProcessName ProcessName
deviceTranslatedAddress DeviceTranslatedAddress
dhost DestinationHostName
dmac DestinationMACAddress
dntdom DestinationNTDomain
dpriv DestinationUserPrivileges
dproc DestinationProcessName
dst DestinationIP
dtz DeviceTimeZone
duid DestinationUserID
duser DestinationUserName
dvc DeviceAddress
dvchost DeviceName
dvcmac DeviceMacAddress
externalId ExtID/ExternalID:int
fileCreateTime FileCreateTime
fileHash FileHash
fileId FileID
fileModificationTime FileModificationTime
filePath FilePath
filePermission FilePermission
fileType FileType
flexDate1 FlexDate1
flexDate1Label FlexDate1Label
flexNumber1Label FlexNumber1Label
flexNumber2Label FlexNumber2Label
flexString1 FlexString1
flexString1Label FlexString1Label
flexString2 FlexString2
flexString2Label FlexString2Label
fname FileName
msg Message
oldFileCreateTime OldFileCreateTime
oldFileHash OldFileHash
oldFileId OldFileID
oldFileModificationTime OldFileModificationTime
oldFileName OldFileName
oldFilePath OldFilePath
oldFilePermission OldFilePermission
oldFileType OldFileType
outcome EventOutcome
proto Protocol
reason Reason
request RequestURL
requestClientApplication RequestClientApplication
requestContext RequestContext
requestCookies RequestCookies
requestMethod RequestMethod
rt ReceiptTime
shost SourceHostName
smac SourceMACAddress
sntdom SourceNTDomain
sourceDnsDomain SourceDnsDomain
sourceServiceName SourceServiceName
sourceTranslatedAddress SourceTranslatedAddress
spriv SourceUserPrivileges
sproc SourceProcessName
src SourceIP
suid SourceUserID
suser SourceUserName`,
  int: `
cnt EventCount
destinationTranslatedPort DestinationTranslatedPort
dpid DestinationProcessId
dpt DestinationPort
dvcpid ProcessID
flexNumber1 FlexNumber1
flexNumber2 FlexNumber2
fsize FileSize
oldFileSize OldFileSize
sourceTranslatedPort SourceTranslatedPort
spid SourceProcessId
spt SourcePort
type EventType`,
  long: `
cn1 FieldDeviceCustomNumber1/DeviceCustomNumber1:int
cn2 FieldDeviceCustomNumber2/DeviceCustomNumber2:int
cn3 FieldDeviceCustomNumber3/DeviceCustomNumber3:int
in ReceivedBytes
out SentBytes`,
  real: `
cfp1 DeviceCustomFloatingPoint1
cfp2 DeviceCustomFloatingPoint2
cfp3 DeviceCustomFloatingPoint3
cfp4 DeviceCustomFloatingPoint4`,
  time: `
end EndTime
start StartTime`,
};

/** CEF key as documented → its column. */
export const cefDictionary: ReadonlyMap<string, CefTarget> = new Map(
  (Object.keys(lines) as CefType[]).flatMap((type) =>
    lines[type]
      .trim()
      .split('\n')
      .map((line): [string, CefTarget] => {
        const [key, columns] = line.split(' ');
        const [column, other] = columns!.split('/');
        const [also, alsoType] = other?.split(':') ?? [];
        return [key!, { column: column!, type, also: also ? { column: also, type: alsoType as CefType } : undefined }];
      }),
  ),
);

const byLowerCase = new Map([...cefDictionary].map(([key, target]) => [key.toLowerCase(), target]));

/** The column of a key in any case; undefined for keys that have none. */
export const cefTarget = (key: string): CefTarget | undefined => byLowerCase.get(key.toLowerCase());
