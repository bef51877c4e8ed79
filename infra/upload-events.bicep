// Second phase, deployed by the post-deploy hook: on Flex Consumption a blob trigger is fed by Event Grid, whose
// subscription proves at creation that its webhook answers and so can only be made once the code runs. The webhook's
// key is made by the runtime; read here, it stays inside Resource Manager.
@description('The deployed function app.')
param appName string

@description('System topic of the storage account.')
param topicName string

@description('Container whose new blobs are announced.')
param containerName string

@description('The blob-triggered function.')
param functionName string

resource app 'Microsoft.Web/sites@2024-11-01' existing = {
  name: appName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource blobCreated 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'uploads-created'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: 'https://${app.properties.defaultHostName}/runtime/webhooks/blobs?functionName=Host.Functions.${functionName}&code=${listKeys('${app.id}/host/default', '2024-11-01').systemKeys.blobs_extension}'
        maxEventsPerBatch: 1
      }
    }
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      subjectBeginsWith: '/blobServices/default/containers/${containerName}/blobs/'
    }
    // The most that Event Grid offers: an upload outlives an outage of a day.
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
  }
}
