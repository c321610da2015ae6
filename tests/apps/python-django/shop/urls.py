from django.http import HttpRequest, HttpResponse
from django.urls import path


def home(_: HttpRequest) -> HttpResponse:
    return HttpResponse("served by Django")


urlpatterns = [path("", home)]
