"""Django forms in the design: `{{ form }}` and `{{ form.name.as_field_group }}` render the `field` component."""

from django.forms.renderers import TemplatesSetting


class DesignRenderer(TemplatesSetting):
    """`settings.FORM_RENDERER`; the templates stand in `templates/core/forms/`."""

    form_template_name = "core/forms/form.html"
    field_template_name = "core/forms/field.html"
