# Subscribes the blob trigger to new uploads (infra/upload-events.bicep says why this comes after the deployment).
# Runs after every deployment; a subscription that is already right stays as it is.
$ErrorActionPreference = 'Stop'
# az reports failure by its exit code, which is looked at below.
$PSNativeCommandUseErrorActionPreference = $false

if (-not (Get-Command az -ErrorAction SilentlyContinue)) {
    throw 'The Azure CLI (az) is needed to connect uploads: https://aka.ms/azure-cli'
}
az account show --subscription $env:AZURE_SUBSCRIPTION_ID --output none
if ($LASTEXITCODE -ne 0) {
    throw "The Azure CLI has no access to subscription $env:AZURE_SUBSCRIPTION_ID: run 'az login'."
}

# A new app needs a moment: the runtime makes the webhook's key when it first loads the trigger, and Event Grid only
# accepts a webhook that answers its handshake.
$attempts = 8
for ($attempt = 1; $attempt -le $attempts; $attempt++) {
    az deployment group create `
        --subscription $env:AZURE_SUBSCRIPTION_ID `
        --resource-group $env:AZURE_RESOURCE_GROUP `
        --name upload-events `
        --template-file (Join-Path $PSScriptRoot '..' 'upload-events.bicep') `
        --parameters "appName=$env:API_NAME" "topicName=$env:UPLOAD_TOPIC" `
        "containerName=$env:UPLOAD_CONTAINER" "functionName=$env:UPLOAD_FUNCTION" `
        --output none
    if ($LASTEXITCODE -eq 0) {
        Write-Output "Uploads are connected to $env:UPLOAD_FUNCTION of $env:API_NAME."
        exit 0
    }
    if ($attempt -lt $attempts) {
        Write-Output "The app is not ready to receive events yet; attempt $($attempt + 1) of $attempts in 20 seconds."
        Start-Sleep -Seconds 20
    }
}
throw 'Uploads are not connected: new uploads will not be processed. See docs/deploy.md, then run: azd hooks run postdeploy'
