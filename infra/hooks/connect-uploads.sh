#!/bin/sh
# Subscribes the blob trigger to new uploads (infra/upload-events.bicep says why this comes after the deployment).
# Runs after every deployment; a subscription that is already right stays as it is.
set -eu

if ! command -v az >/dev/null 2>&1; then
  echo "The Azure CLI (az) is needed to connect uploads: https://aka.ms/azure-cli" >&2
  exit 1
fi
if ! az account show --subscription "$AZURE_SUBSCRIPTION_ID" --output none 2>/dev/null; then
  echo "The Azure CLI has no access to subscription $AZURE_SUBSCRIPTION_ID: run 'az login'." >&2
  exit 1
fi

connect() {
  az deployment group create \
    --subscription "$AZURE_SUBSCRIPTION_ID" \
    --resource-group "$AZURE_RESOURCE_GROUP" \
    --name upload-events \
    --template-file "$(dirname "$0")/../upload-events.bicep" \
    --parameters "appName=$API_NAME" "topicName=$UPLOAD_TOPIC" \
      "containerName=$UPLOAD_CONTAINER" "functionName=$UPLOAD_FUNCTION" \
    --output none
}

# A new app needs a moment: the runtime makes the webhook's key when it first loads the trigger, and Event Grid only
# accepts a webhook that answers its handshake.
attempt=1
until connect; do
  if [ "$attempt" -ge 8 ]; then
    echo "Uploads are not connected: the app is deployed, but new uploads will not be processed." >&2
    echo "See docs/deploy.md, then run: azd hooks run postdeploy" >&2
    exit 1
  fi
  attempt=$((attempt + 1))
  echo "The app is not ready to receive events yet; attempt $attempt of 8 in 20 seconds."
  sleep 20
done
echo "Uploads are connected to $UPLOAD_FUNCTION of $API_NAME."
